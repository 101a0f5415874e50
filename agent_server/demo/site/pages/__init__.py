"""What there is to see. Every module here has a `pages()` that yields pages; the build finds it by itself."""
