"""What a data folder is after its process was killed, or the disk failed, at any moment."""
