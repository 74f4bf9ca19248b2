"""How the shipped encoder is made: run by developers, no part of the wheel."""
