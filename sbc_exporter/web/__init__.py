"""HTTP: from a request to the page that answers it."""
