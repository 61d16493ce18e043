import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { StreamMessageReader, StreamMessageWriter, createMessageConnection } from 'vscode-jsonrpc/node'
import type { MessageConnection } from 'vscode-jsonrpc/node'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'

interface Finding {
  code: string
  severity: number
  message: string
  range: { start: { line: number; character: number } }
}

interface Published {
  uri: string
  version?: number
  diagnostics: Finding[]
}

/** The client of an editor: it opens files, changes them, and waits for what the server publishes. */
interface Editor extends AsyncDisposable {
  connection: MessageConnection
  open(uri: string, text: string): Promise<void>
  change(uri: string, version: number, text: string): Promise<void>
  /** The findings on a version of a document, once they are there. */
  findings(uri: string, version: number | undefined): Promise<Finding[]>
  /** Asks about a position, given as the text before it. */
  ask<T>(method: string, uri: string, before: string): Promise<T>
  /** The exit code after the orderly end. */
  end(): Promise<number | null>
}

async function editor(cwd: string): Promise<Editor> {
  const child = spawn(process.execPath, [binary, 'lsp'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  )
  const published: Published[] = []
  const waiting = new Set<() => void>()
  connection.onNotification('textDocument/publishDiagnostics', (one: Published) => {
    published.push(one)
    for (const look of waiting) look()
  })
  connection.listen()
  const server = await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  })
  expect(server).toMatchObject({ capabilities: { hoverProvider: true }, serverInfo: { name: 'runbook' } })
  await connection.sendNotification('initialized', {})
  return {
    connection,
    open: (uri, text) =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId: 'mdx', version: 1, text },
      }),
    change: (uri, version, text) =>
      connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      }),
    findings: (uri, version) =>
      new Promise((resolve) => {
        const look = (): void => {
          const one = published.find((each) => each.uri === uri && each.version === version)
          if (!one) return
          waiting.delete(look)
          resolve(one.diagnostics)
        }
        waiting.add(look)
        look()
      }),
    ask: (method, uri, before) => {
      const lines = before.split('\n')
      const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 }
      return connection.sendRequest(method, { textDocument: { uri }, position })
    },
    async end() {
      await connection.sendRequest('shutdown')
      await connection.sendNotification('exit')
      return exited
    },
    async [Symbol.asyncDispose]() {
      connection.dispose()
      child.kill('SIGKILL')
      await exited
    },
  }
}

const good = page(commandStep('a', 'echo "$version"'), 'inputs:\n  version: { description: The release. }\n')

test('an editor gets the findings of check on the text it has, and none on text that is fixed', async () => {
  using space = workspace({ 'content/runbooks/a.mdx': good })
  await using client = await editor('/')
  const uri = pathToFileURL(join(space.root, 'content/runbooks/a.mdx')).href
  await client.open(uri, good)
  expect(await client.findings(uri, 1)).toEqual([])
  await client.change(uri, 2, good.replace('title="Step a"', 'title="Step a" timeot="3s"'))
  expect(await client.findings(uri, 2)).toEqual([
    expect.objectContaining({
      code: 'unknown-attribute',
      severity: 1,
      message: expect.stringContaining('timeout'),
      range: { start: { line: 8, character: 31 }, end: expect.anything() },
    }),
  ])
  // Of another file, by a link, and of the shell.
  await client.change(
    uri,
    3,
    good.replace('echo', 'if then echo').replace('## Phase', '## [Phase](./gone.mdx)'),
  )
  const codes = (await client.findings(uri, 3)).map(({ code }) => code)
  expect(codes).toEqual(expect.arrayContaining(['broken-link', 'shell-syntax']))
  await client.change(uri, 4, good)
  expect(await client.findings(uri, 4)).toEqual([])
  // A note beside the runbooks is none.
  const note = pathToFileURL(join(space.root, 'README.md')).href
  await client.open(note, '<Nonsense>')
  expect(await client.findings(note, 1)).toEqual([])
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } })
  expect(await client.findings(uri, undefined)).toEqual([])
  expect(await client.end()).toBe(0)
})

test('an editor completes kinds, attributes, values and inputs in an unfinished document, and shows what they mean', async () => {
  using space = workspace({ 'content/runbooks/a.mdx': good })
  await using client = await editor(space.root)
  const uri = pathToFileURL(join(space.root, 'content/runbooks/a.mdx')).href
  await client.open(uri, good)
  let version = 1
  const complete = async (end: string): Promise<string[]> => {
    await client.change(uri, ++version, good + end)
    const items = await client.ask<{ label: string }[]>('textDocument/completion', uri, good + end)
    return items.map(({ label }) => label)
  }
  expect(await complete('\n<')).toEqual(
    expect.arrayContaining(['Command', 'Check', 'Http', 'Gate', 'Approval', 'Wait']),
  )
  const attributes = await complete('\n<Gate id="x"\n  ti')
  expect(attributes).toEqual(expect.arrayContaining(['title', 'source', 'interval', 'when']))
  expect(attributes).not.toContain('id')
  expect(await complete('\n<Command id="x" effect="')).toEqual(['read', 'write'])
  expect(await complete('\n<Command id="x" title="${{ inputs.')).toEqual(['version'])
  expect(await complete('\n<Command id="x" outputs="sha">\n\n```bash\necho "$')).toEqual(['version', 'sha'])
  expect(await complete('\n```bash\n<')).toEqual([])

  const hover = async (before: string): Promise<string> => {
    const shown = await client.ask<{ contents: { value: string } } | null>('textDocument/hover', uri, before)
    return shown?.contents.value ?? ''
  }
  await client.change(uri, ++version, good)
  expect(await hover(good.slice(0, good.indexOf('ommand')))).toContain('Runs a script.')
  expect(await hover(good.slice(0, good.indexOf('itle="Step')))).toContain('in a few words')
  expect(await hover(good.slice(0, good.indexOf('ersion"\n')))).toContain('The release.')
  expect(await hover(good.slice(0, good.indexOf('hase')))).toBe('')
})

test('a workspace whose configuration cannot be loaded is a message in the editor, and the server goes on', async () => {
  using space = workspace({
    'content/runbooks/a.mdx': good,
    'runbook.config.ts': 'export default { stat: 1 }',
  })
  using sound = workspace({ 'content/runbooks/b.mdx': good })
  await using client = await editor(space.root)
  const said = new Promise((resolve) => client.connection.onNotification('window/showMessage', resolve))
  await client.open(pathToFileURL(join(space.root, 'content/runbooks/a.mdx')).href, good)
  expect(await said).toMatchObject({ type: 1, message: expect.stringContaining('runbook.config.ts') })
  const uri = pathToFileURL(join(sound.root, 'content/runbooks/b.mdx')).href
  await client.open(uri, good)
  expect(await client.findings(uri, 1)).toEqual([])
})

test('a server that nobody speaks to ends as one that was left', async () => {
  using space = workspace({})
  const child = spawn(process.execPath, [binary, 'lsp'], {
    cwd: space.root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (bytes) => (said += String(bytes)))
  expect(await new Promise((ended) => child.once('close', ended))).toBe(1)
  expect(said).toBe('')
})
