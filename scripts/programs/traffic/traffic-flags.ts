import { optional, withDefault } from '../../../runner/kit/command.ts'
import type { Values } from '../../../runner/kit/command.ts'
import { choice, filePath, httpUrl, string } from '../../../runner/kit/types.ts'
import { DEFAULT_ADMIN, adminUrl } from '../../lab/admin/admin-client.ts'
import { needed } from '../../../runner/kit/read-values.ts'
import {
  type TrafficAdapter,
  adapterOfLab,
  haproxyAdapter,
  nginxAdapter,
} from '../../adapters/traffic-adapters.ts'

/** The flags that say which proxy carries the traffic, and those every command has. */
export const OPTIONS = {
  lab: optional(
    httpUrl,
    `Admin address (default LAB_URL, else ${DEFAULT_ADMIN}). A lab with HAProxy is asked there once, for the socket.`,
  ),
  adapter: optional(choice(['embedded', 'haproxy', 'nginx']), 'Default: what the lab runs.'),
  socket: optional(filePath('path'), 'haproxy: its runtime socket.'),
  backend: withDefault(string('name'), 'app', 'haproxy: the backend with both colors.'),
  stateFile: optional(filePath('file'), 'haproxy: its server-state-file, kept for a reload.'),
  config: optional(filePath('file'), 'haproxy: its configuration, kept for a restart. nginx: the main one.'),
  include: optional(filePath('file'), 'nginx: the file with one server line for each color.'),
  pid: optional(filePath('file'), 'nginx: its pid file.'),
  url: optional(httpUrl, 'nginx: where users ask.'),
}

type AdapterOptions = Values<typeof OPTIONS>

/** The adapter that the options name; without any, the one of the lab. @throws {CliError} usage */
export async function adapterOf(options: AdapterOptions): Promise<TrafficAdapter> {
  const { adapter = options.socket === undefined ? 'embedded' : 'haproxy' } = options
  if (adapter === 'haproxy') return haproxyOf(options)
  if (adapter === 'embedded') return await adapterOfLab(adminUrl(options.lab))
  const files = {
    include: needed(options.include, '--include'),
    config: needed(options.config, '--config'),
    pidFile: needed(options.pid, '--pid'),
    url: needed(options.url, '--url'),
  }
  return nginxAdapter(files, 0)
}

function haproxyOf({ socket, backend, stateFile, config }: AdapterOptions): TrafficAdapter {
  return haproxyAdapter({ socket: needed(socket, '--socket'), backend, stateFile, config })
}
