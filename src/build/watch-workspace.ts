import type { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { isRulePath, rulePlaces } from '../../runner/alerts/rule-files.ts'
import type { Config } from '../../runner/config.ts'
import { docsOf } from '../../runner/links/link-targets.ts'
import { forget, isDev } from '../data/remember.ts'

interface Environment {
  hot: { send(event: string, data: object): void; send(told: { type: 'full-reload'; path: string }): void }
}

/** The parts of the server of `site dev` that this uses. */
interface Server {
  watcher: EventEmitter & { add(paths: string[]): unknown }
  environments: Record<string, Environment> & { client: Environment }
}

/**
 * Makes everything that was read be read again when a document, a table beside the documents or a rule changes, and tells browsers.
 * `loadDocs` loads the documentation of a folder that was not there at the start.
 */
export function watchWorkspace(
  server: Server,
  config: Pick<Config, 'content' | 'rules'>,
  root: string,
  loadDocs: () => Promise<void>,
): void {
  const { content, rules } = config
  const docs = docsOf(content)
  let isLoaded = docs === undefined || existsSync(docs)
  const reload = (): void => {
    // Astro forgets its paths and tells browsers when its store changes, where neither texts of runbooks nor rules are.
    for (const { hot } of Object.values(server.environments)) hot.send('astro:content-changed', {})
    server.environments.client.hot.send({ type: 'full-reload', path: '*' })
  }
  server.watcher.add([dirname(content), ...rulePlaces(rules, root)])
  server.watcher.on('all', (_, path) => {
    // A build has such a server too, for a moment.
    if (!isDev()) return
    forget()
    if (isWithin(path, content) || isRulePath(path, rules, root)) reload()
    if (isLoaded || docs === undefined || !isWithin(path, docs)) return
    isLoaded = true
    void loadDocs().then(forget).then(reload)
  })
}

function isWithin(path: string, place: string): boolean {
  return !relative(place, path).startsWith('..')
}
