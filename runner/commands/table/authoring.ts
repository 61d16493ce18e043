import type { Command } from '../../kit/command.ts'

/** Commands for whoever writes runbooks. */
export const authoringCommands: readonly Command[] = [
  {
    name: 'new',
    summary: 'Write a new runbook from a template.',
    positionals: [
      { name: 'release|incident|rollback|flag|blank', required: true },
      { name: 'name', required: false },
    ],
    options: {
      title: { type: 'string', value: 'text', summary: 'Title of the page. Default: from the name.' },
    },
    examples: ['runbook new incident database-locks', 'runbook new release'],
    load: () => import('../new/new.ts'),
  },
  {
    name: 'import',
    summary: 'Turn Markdown runbooks into MDX with steps; the originals stay as they are.',
    positionals: [{ name: 'file or folder', required: true }],
    options: {
      out: { type: 'string', value: 'folder', summary: 'Where to. Default: the folder of runbooks.' },
    },
    examples: [
      'runbook import docs/KubePodCrashLooping.md',
      'runbook import old-runbooks --out content/runbooks',
    ],
    load: () => import('../import/import.ts'),
  },
  {
    name: 'schema',
    summary: 'Print what editors need: a JSON schema of the frontmatter, or the types of the step elements.',
    positionals: [{ name: 'frontmatter|elements', required: true }],
    options: {},
    examples: [
      'runbook schema frontmatter > .vscode/runbook.schema.json',
      'runbook schema elements > mdx-components.d.ts',
    ],
    load: () => import('../schema/schema.ts'),
  },
  {
    name: 'completion',
    summary: 'Print the completion script of a shell.',
    positionals: [{ name: 'bash|zsh|fish', required: true }],
    options: {},
    examples: [
      'source <(runbook completion bash)',
      'runbook completion zsh > "${fpath[1]}/_runbook"',
      'runbook completion fish > ~/.config/fish/completions/runbook.fish',
    ],
    load: () => import('../completion/completion.ts'),
  },
]
