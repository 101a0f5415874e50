"""What each wiki promises. Every module here has `problems(site)`, which the build asks once all is rendered."""
