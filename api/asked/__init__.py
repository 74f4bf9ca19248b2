"""What was asked: how many questions a day, and their words where the operator keeps them."""
