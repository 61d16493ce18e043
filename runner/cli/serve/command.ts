import type { Command } from '../command.ts'

export const serveCommand: Command = {
  name: 'serve',
  summary:
    'Show the built site on this machine, with the runs as they are now; a run that goes on grows on its page.',
  positionals: [],
  options: {
    site: { type: 'string', value: 'folder', summary: 'The built site. Default: dist/site.' },
    port: {
      type: 'string',
      value: 'number',
      summary: 'Where to listen; 0 takes a free one. Default: 47901.',
    },
    host: {
      type: 'string',
      value: 'address',
      summary: 'A loopback address; others are refused. Default: 127.0.0.1.',
    },
  },
  examples: ['runbook serve', 'runbook serve --site dist/site --port 8080'],
  load: () => import('./serve.ts'),
}
