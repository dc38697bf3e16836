"""A package, and not only a folder, because wittgenstein installs one of the same name, which would be found first."""
