import type { Call } from '../../kit/command.ts'
import { decide } from '../approve/decide.ts'

export function run(call: Call): Promise<number> {
  return decide(call, 'rejected')
}
