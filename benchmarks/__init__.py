"""How well the product answers: sets of questions, and what makes them. Not shipped."""
