"""One module for each kind of source: files of an unpacked package in, units out."""
