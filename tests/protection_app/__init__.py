"""A room of the test bed alone: a model with every kind of protected value, on which the ways of `config.protection` are tried."""
