"""The YAML file as checked values. Every other part of the daemon gets its settings from here.

`load` reads, `model` says what there is, `problems` how mistakes are told, `schema` describes it to editors.
"""
