import type { Command } from '../../kit/command.ts'

/** Commands that make the pages and show them. */
export const siteCommands: readonly Command[] = [
  {
    name: 'site build',
    summary: 'Build the pages of this workspace.',
    positionals: [],
    options: { out: { type: 'string', value: 'folder', summary: 'Where to. Default: dist/site.' } },
    examples: ['runbook site build', 'runbook site build --out public'],
    load: async () => ({ run: (await import('../site/site.ts')).build }),
  },
  {
    name: 'site dev',
    summary: 'Show the pages on loopback, renewed as files change.',
    positionals: [],
    options: { port: { type: 'string', value: 'number', summary: 'Where to listen. Default: 4321.' } },
    examples: ['runbook site dev', 'runbook site dev --port 8080'],
    load: async () => ({ run: (await import('../site/site.ts')).dev }),
  },
  {
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
    load: () => import('../serve/serve.ts'),
  },
]
