import { approval } from './approval/index.ts'
import { ask } from './ask/index.ts'
import { check } from './check/index.ts'
import { checklist } from './checklist/index.ts'
import { command } from './command/index.ts'
import { gate } from './gate/index.ts'
import { http } from './http/index.ts'
import type { Kind } from './kind.ts'
import { include } from './include/index.ts'
import { wait } from './wait/index.ts'

/** Every step kind there is. Adding one: its folder, and a line here. */
export const kinds: readonly Kind[] = [command, check, http, gate, checklist, ask, approval, wait, include]

export function kindNamed(name: string): Kind {
  const kind = kinds.find((candidate) => candidate.name === name)
  if (!kind) throw new TypeError(`Unknown step kind \`${name}\``)
  return kind
}
