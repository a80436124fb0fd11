"""How the registry's API behaves whatever the route: ids, sizes, bodies, headers, versions, logs, numbers.

`stack.add_manners` puts all of it around an application: `desk` sees what goes out, `gate` what comes in,
`bodies` reads JSON. Knows no table and no service; says nothing of a request but its template and its size.
"""
