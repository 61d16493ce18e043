import { optional, withDefault } from '../../../runner/kit/command.ts'
import type { Values } from '../../../runner/kit/command.ts'
import { choice, filePath, httpUrl, string } from '../../../runner/kit/types.ts'
import { DEFAULT_ADMIN, adminUrl } from '../../lab/admin/admin-client.ts'
import { releaseSettings } from '../../domain/environments.ts'
import { isAddress, systemName } from '../../domain/system-name.ts'
import { needed } from '../../../runner/kit/read-values.ts'
import {
  type TrafficAdapter,
  adapterOfLab,
  haproxyAdapter,
  kubernetesAdapter,
  nginxAdapter,
} from '../../adapters/traffic-adapters.ts'

/** The flags that say which proxy carries the traffic, and those every command has. */
export const OPTIONS = {
  lab: optional(
    systemName,
    `Admin address (default LAB_URL, else ${DEFAULT_ADMIN}), or the name of an environment. A lab with HAProxy is asked there once, for the socket.`,
  ),
  adapter: optional(choice(['embedded', 'haproxy', 'nginx', 'kubernetes']), 'Default: what the lab runs.'),
  socket: optional(filePath('path'), 'haproxy: its runtime socket.'),
  backend: withDefault(string('name'), 'app', 'haproxy: the backend with both colors.'),
  stateFile: optional(filePath('file'), 'haproxy: its server-state-file, kept for a reload.'),
  config: optional(filePath('file'), 'haproxy: its configuration, kept for a restart. nginx: the main one.'),
  include: optional(filePath('file'), 'nginx: the file with one server line for each color.'),
  pid: optional(filePath('file'), 'nginx: its pid file.'),
  url: optional(httpUrl, 'nginx: where users ask.'),
  service: optional(string('name'), 'kubernetes: the Service that selects a color. It needs kubectl.'),
  namespace: withDefault(string('name'), 'default', 'kubernetes: its namespace.'),
  context: optional(string('name'), 'kubernetes: a context of kubectl. Default: the current one.'),
}

type AdapterOptions = Values<typeof OPTIONS>

/** The adapter that the options name; without any, the one of the lab. @throws {CliError} usage */
export async function adapterOf(options: AdapterOptions): Promise<TrafficAdapter> {
  const { adapter = options.socket === undefined ? 'embedded' : 'haproxy' } = options
  if (adapter === 'haproxy') return haproxyOf(options)
  if (adapter === 'kubernetes')
    return kubernetesAdapter({
      service: needed(options.service, '--service'),
      namespace: options.namespace,
      context: options.context,
    })
  if (adapter === 'embedded') return await adapterOfSystem(options.lab)
  const files = {
    include: needed(options.include, '--include'),
    config: needed(options.config, '--config'),
    pidFile: needed(options.pid, '--pid'),
    url: needed(options.url, '--url'),
  }
  return nginxAdapter(files, 0)
}

/** The proxy of a lab, or of an environment that is named. @throws {CliError} */
export async function adapterOfSystem(system: string | undefined): Promise<TrafficAdapter> {
  if (system === undefined || isAddress(system)) return await adapterOfLab(adminUrl(system))
  return await adapterOf({ ...none, ...releaseSettings(system).proxy })
}

const none = {
  lab: undefined,
  adapter: undefined,
  socket: undefined,
  backend: 'app',
  stateFile: undefined,
  config: undefined,
  include: undefined,
  pid: undefined,
  url: undefined,
  service: undefined,
  namespace: 'default',
  context: undefined,
}

function haproxyOf({ socket, backend, stateFile, config }: AdapterOptions): TrafficAdapter {
  return haproxyAdapter({ socket: needed(socket, '--socket'), backend, stateFile, config })
}
