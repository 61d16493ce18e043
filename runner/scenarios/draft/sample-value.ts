import { compilePattern } from '../../model/values/pattern.ts'
import { expectedOf } from '../../model/values/read-input.ts'
import type { InputSpec } from '../../model/values/input-types.ts'

const samples = [
  'example',
  '1.0.0',
  'https://service.example.com',
  '10',
  '1m',
  '2026-01-05',
  'someone@example.com',
  'true',
  'path/to/it',
  'example_name',
  'v1.0.0',
  '2026-01-05T22:00:00Z',
  'a longer text of an example',
]

/** A value of a declaration, for a first scenario; undefined when none of the usual ones is. */
export function sampleValue(spec: InputSpec): string | undefined {
  return [...(spec.options ?? []), ...samples].find(
    (value) => expectedOf(spec, value, compilePattern) === undefined,
  )
}
