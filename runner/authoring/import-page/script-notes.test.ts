import { expect, test } from 'vitest'
import { importMarkdown } from './import-page.ts'
import { isQuery } from './script-notes.ts'

test.each([
  'sum(rate(http_requests_total[5m])) by (job)',
  '# of the last hour\nhistogram_quantile(0.99, x)',
  'sum by (job) (up)',
  'up{job=~"api.*"}',
  '(used_bytes / limit_bytes) * 100',
  '  topk(5, up)',
])('%j is a query', (code) => {
  expect(isQuery(code)).toBe(true)
})

test.each([
  'restart() {\n  uptime\n}',
  'for ((i = 0; i < 3; i++)); do uptime; done',
  'if (grep -q x y); then uptime; fi',
  '(cd /srv && ls) > out',
  'hosts=(a b)',
  'cp x{,.bak}',
  'kubectl get pods -l app="x"',
  'case x in a) ;; esac',
])('%j is a script', (code) => {
  expect(isQuery(code)).toBe(false)
})

const notes = (code: string, lang = 'bash'): string[] =>
  importMarkdown(
    Buffer.from(`# T\n\n\`\`\`${lang}\n${code}\n\`\`\`\n\n\`\`\`bash\ntrue\n\`\`\`\n`),
    'a.md',
    'a',
  ).notes.map(({ line, message }) => `${line} ${message}`)

test('a fence of a shell that holds a query becomes text', () => {
  expect(notes('sum(up) > 0', 'console')).toEqual(['3 a fence of `console` holds a query and became text'])
})

test('a session without a prompt is output where others have prompts, unless it begins as a command does', () => {
  const texts = (code: string): string[] =>
    importMarkdown(
      Buffer.from(`# T\n\n\`\`\`console\n$ uptime\n\`\`\`\n\n\`\`\`console\n${code}\n\`\`\`\n`),
      'a.md',
      'a',
    ).notes.map(({ line, message }) => `${line} ${message}`)
  expect(texts('node-1 cordoned')).toEqual([
    '7 a fence of `console` without a prompt became text, since others of the document have one: write `bash` if it is a command',
  ])
  expect(texts('df -h')).toEqual([])
})

test('what a converter of documents leaves in a script is a finding', () => {
  expect(notes('cat &lt;&lt;EOF\noc get machine a \\ ①\n  -o yaml\nEOF')).toEqual([
    '4 `&lt;` and `①` in a script are left over from the conversion of the document: write the characters that the command needs',
  ])
})

test('a script that opens a shell, or that does not end, is a finding', () => {
  expect(notes('kubectl exec -it <pod> -n NAMESPACE -- /bin/sh')).toEqual([
    '4 `kubectl exec -it <pod> -n NAMESPACE -- /bin/sh` opens or leaves a shell of its own: each step runs by itself, so give the commands that belong inside to the program',
    '4 `NAMESPACE` looks like a word to replace: write `<name>`, and import again, to make an input of it',
  ])
  expect(notes('su - app\nuptime')).toEqual([
    '4 `su - app` opens or leaves a shell of its own: each step runs by itself, so give the commands that belong inside to the program',
  ])
  expect(notes('$ uptime\n up\n$ journalctl -fu api')).toEqual([
    '6 `journalctl -fu api` goes on until someone ends it: a step needs a command that ends',
  ])
})

test.each([
  'su -c uptime app',
  'ssh host uptime',
  'kubectl logs api --tail=5',
  'docker exec api ls',
  'psql -c "select 1"',
  'kubectl exec -it api -- psql -c "select 1"',
])('%j has no finding', (code) => {
  expect(notes(code)).toEqual([])
})

test('words in capitals and in square brackets that a person is meant to replace are a finding', () => {
  expect(notes('kubectl describe pod POD_NAME -n your-namespace [flags]')).toEqual([
    '4 `POD_NAME`, `your-namespace` and `[flags]` look like words to replace: write `<name>`, and import again, to make inputs of them',
  ])
  expect(notes('export POD_NAME=x\n[ -f a ] && ls [abc]*.txt "$POD_NAME"')).toEqual([])
})

test('a step that only sets variables is a finding, with how later steps get their values', () => {
  expect(notes('set -eu\nexport KUBECONFIG=~/.kube/x\nPOD=$(kubectl get pods | head -1)')).toEqual([
    '4 `KUBECONFIG` and `POD` are set in a step that does nothing else, and no later step sees them. Write a fixed value into `env` of the frontmatter. Declare another one in `outputs` of the step, and write `name=value` to `$RUNBOOK_OUTPUT`',
  ])
  expect(notes('$ NS=api')).toEqual([expect.stringMatching(/^4 `NS` is set .* no later step sees it\. /)])
})

test('a step that only sets variables has no finding where no step follows', () => {
  const { notes: found } = importMarkdown(Buffer.from('# T\n\n```bash\nexport A=1\n```\n'), 'a.md', 'a')
  expect(found).toEqual([])
})

test('a hidden value in a line of output becomes no input, and the step does not run with it', () => {
  const { text, unread } = importMarkdown(
    Buffer.from('# T\n\n```bash\nvault read x\ntoken: <REDACTED>\nkey: ***\n```\n'),
    'a.md',
    'a',
  )
  expect(text).toMatch(/^---\ntitle: T\n---\n/)
  expect(text).toContain('RUNBOOK_BY_HAND:?')
  expect(unread).toEqual([
    {
      line: 5,
      message:
        'Unexpected output with `<REDACTED>` in a script, read as a command. Move the output into a fence of `text`, or begin each command with `$ `.',
    },
  ])
})
