import fc from 'fast-check'
import type { Fault, Shape } from './imaginary.ts'

const shape: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom('command', 'command', 'command', 'read', 'approval', 'wait'),
  failures: fc.constantFrom(0, 0, 0, 1, 2),
  retries: fc.constantFrom(0, 0, 1, 3),
  idempotent: fc.boolean(),
  done: fc.constantFrom('none', 'tells', 'cannot-tell'),
  undo: fc.constantFrom('none', 'undo', 'undo', 'always', 'fails-once'),
  onFailure: fc.constantFrom('stop', 'stop', 'continue', 'rollback'),
  held: fc.constantFrom(false, false, false, true),
})

const fault: fc.Arbitrary<Fault> = fc.record({
  after: fc.nat({ max: 25 }),
  what: fc.constantFrom('runner', 'runner', 'both', 'boot', 'cancel'),
})

/** Random plans and what happens to the runner while it runs them. */
export const troubles = fc.tuple(
  fc.array(shape, { minLength: 1, maxLength: 6 }),
  fc.array(fault, { maxLength: 8 }),
)
