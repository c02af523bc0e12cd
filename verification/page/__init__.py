"""What the templates of Verification Summary read, a module for each page."""
