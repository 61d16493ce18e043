import type { Request } from './index.ts'
import { decide } from './decide.ts'

export function run(call: Request): Promise<number> {
  return decide(call, 'approved')
}
