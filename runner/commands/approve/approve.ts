import type { Call } from '../../kit/command.ts'
import { decide } from './decide.ts'

export function run(call: Call): Promise<number> {
  return decide(call, 'approved')
}
