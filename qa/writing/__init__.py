"""What a machine wrote, held against the passages that it says it rests on."""
