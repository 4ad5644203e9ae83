"""What pages show, made from rows and documents, and what a form said, as the API takes it. Pure: nothing here asks."""
