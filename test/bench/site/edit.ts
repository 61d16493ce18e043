import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { freePort } from '../../support/servers/free-port.ts'

const edits = 5
/** A look for what has changed costs the server a page. */
const lookMs = 10

interface Edited {
  /** The document whose title is changed. */
  file: string
  /** The path of its page. */
  path: string
  env: NodeJS.ProcessEnv
}

/** From the moment a title is written to the answer with the page that has it, while the site is shown. Median, in ms. */
export async function editOf({ file, path, env }: Edited): Promise<number> {
  const port = await freePort()
  const command = ['node_modules/astro/bin/astro.mjs', 'dev', '--port', String(port), '--host', '127.0.0.1']
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...env, ASTRO_TELEMETRY_DISABLED: '1' },
    stdio: 'ignore',
  })
  const gone = once(child, 'exit').then(() => {
    throw new Error('`site dev` ended by itself')
  })
  const shown = (title: string): Promise<void> =>
    Promise.race([shows(`http://127.0.0.1:${port}${path}`, `<h1>${title}`), gone])
  try {
    const text = readFileSync(file, 'utf8')
    await shown(/^title: (.*)$/m.exec(text)?.[1] ?? '')
    const times: number[] = []
    for (let edit = 0; edit < edits; edit++) {
      const title = `Title ${edit} while it is shown`
      const began = performance.now()
      writeFileSync(file, text.replace(/^title: .*$/m, `title: ${title}`))
      await shown(title)
      times.push(performance.now() - began)
    }
    return times.toSorted((a, b) => a - b)[Math.floor(edits / 2)] ?? Number.NaN
  } finally {
    gone.catch(() => undefined)
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

async function shows(url: string, text: string): Promise<void> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined)
    if ((await response?.text())?.includes(text)) return
    await new Promise((again) => setTimeout(again, lookMs))
  }
}
