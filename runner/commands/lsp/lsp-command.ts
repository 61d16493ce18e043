import { exit } from '../../kit/exit.ts'
import type { Request } from './index.ts'
import { serveEditor } from './language-server.ts'

/** Serves one editor until it says so or closes standard input. */
export async function run({ io }: Request): Promise<number> {
  const isOrderly = await serveEditor(io, process.stdin, process.stdout)
  process.stdin.destroy()
  return isOrderly ? exit.done : exit.failed
}
