import { exit } from '../exit.ts'
import type { Call } from '../command.ts'

export async function run({ io }: Call): Promise<number> {
  io.note('')
  return exit.done
}
