"""The OpenAPI document of the whole installation, from the routes and the models of all services.

`document` puts it together, `operations` turns a route into an operation, `refusals` are the errors that it may answer,
`shapes` are the models as components. Nothing here names a route: a new one is in the document by being a route.
"""
