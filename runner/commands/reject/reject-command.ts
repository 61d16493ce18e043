import type { Request } from './index.ts'
import { decide } from '../approve/decide.ts'

export function run(call: Request): Promise<number> {
  return decide(call, 'rejected')
}
