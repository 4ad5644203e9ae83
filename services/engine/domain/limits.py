"""How large things may be. Every number says its unit."""

STEPS_PER_SPEC = 10_000
STEPS_PER_RUN = 10_000
"""Step attempts that one run may schedule, loops included."""

SIMULATED_AT_ONCE = 100
"""Steps of a dry run that nobody carries out, one after the other: they are decided, and kept, together."""

EDGES_PER_STEP = 100
INPUTS_PER_SPEC = 100
OUTPUTS_PER_SPEC = 100

NAME_CHARACTERS = 128
DESCRIPTION_CHARACTERS = 4_096
HANDLE_CHARACTERS = 64

SPEC_BYTES = 1024 * 1024
SPEC_BYTES_REMEMBERED = 16 * 1024 * 1024
"""Of specs whose compiled form is kept in memory, which takes about twenty times as much."""

PAYLOAD_BYTES = 256 * 1024
"""Run inputs, and the rendered parameters of one step."""

VALUE_DEPTH = 32
"""Objects and lists inside one another, in parameters, inputs and state."""

EXPRESSION_BYTES = 2 * 1024
EXPRESSION_NESTING = 24
"""Brackets inside one another, and chained `? :`."""
EXPRESSION_MACROS = 1
EXPRESSION_WORK = 50_000
"""Values that one evaluation may have to touch; about a microsecond each."""

METADATA_ENTRIES = 64

PROBLEMS_REPORTED = 100
SENTENCE_CHARACTERS = 2_048
"""Of an error message that goes into an event or an answer."""

PATH_DEPTH = 32
"""Paths started by paths that have no name of their own: `main/1/2/…`."""
