import type { Call } from '../command.ts'
import { decide } from '../decide.ts'

export function run(call: Call): Promise<number> {
  return decide(call, 'approved')
}
