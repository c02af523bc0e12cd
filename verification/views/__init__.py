"""The pages of Verification Summary, a module for each."""
