"""The tests; folders mirror portal/, whole walks and the browser's suite stand beside them."""
