import { loadScript } from './load-script.ts'

type Bodies = Readonly<Record<string, () => Promise<object>>>

let loaded: Bodies | undefined

/** Loads the body of a command from the script of all of them, which help and mistakes do not need. */
export async function loadBody(path: string): Promise<object> {
  loaded ??= (loadScript('commands') as { bodies: Bodies }).bodies
  const body = loaded[path]
  if (!body) throw new TypeError(`Unknown command body \`${path}\``)
  return body()
}
