"""Who says what: one module per speaker, plus `shared` for what every service may say."""
