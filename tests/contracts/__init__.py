"""What is promised to everybody who reads the topics, held against the code that writes them."""
