"""Reading the environment. A wrong or missing value stops the start, naming the variable."""

import environ

env = environ.Env()
