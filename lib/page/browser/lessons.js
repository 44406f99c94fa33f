// Lessons beside X-ray: a goal, hints, and a check by what crossed the wire.
