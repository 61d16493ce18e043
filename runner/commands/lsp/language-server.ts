import { fileURLToPath } from 'node:url'
import { TextDocument } from 'vscode-languageserver-textdocument'
import {
  CompletionItemKind,
  CompletionRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializeRequest,
  MessageType,
  PublishDiagnosticsNotification,
  ShowMessageNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  TextDocumentSyncKind,
  createProtocolConnection,
} from 'vscode-languageserver-protocol/node'
import type {
  CompletionItem,
  Hover,
  InitializeResult,
  TextDocumentPositionParams,
} from 'vscode-languageserver-protocol/node'
import type { Io } from '../../kit/io.ts'
import { version } from '../../kit/version.ts'
import { readEntry } from '../../library.ts'
import { ProblemError } from '../../model/problem.ts'
import { cursorAt, wordAt } from './cursor.ts'
import { findingsOf, openRunbookAt } from './findings.ts'
import { wordsAt } from './words.ts'
import type { Sources, Word } from './words.ts'

/** Pause after a change before the document is checked, in milliseconds: a person types on. */
const settleMs = 200

const capabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  completionProvider: { triggerCharacters: ['<', ' ', '"', '.', '$', '{'] },
  hoverProvider: true,
} satisfies InitializeResult['capabilities']

const itemKinds: Record<Word['type'], CompletionItemKind> = {
  element: CompletionItemKind.Class,
  attribute: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  input: CompletionItemKind.Variable,
  output: CompletionItemKind.Variable,
  field: CompletionItemKind.Field,
}

/**
 * Serves an editor. Nothing is run, and nothing is written but the cache of `runbook check`.
 * @returns whether the editor asked for the end, as the protocol wants it
 */
export function serveEditor(
  io: Io,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  const connection = createProtocolConnection(new StreamMessageReader(input), new StreamMessageWriter(output))
  const documents = new Map<string, TextDocument>()
  const waiting = new Map<string, NodeJS.Timeout>()
  const ended = Promise.withResolvers<boolean>()
  let isShutDown = false

  const checkSoon = (uri: string, ms: number): void => {
    clearTimeout(waiting.get(uri))
    waiting.set(
      uri,
      setTimeout(() => void publish(uri).catch(tell), ms),
    )
  }

  const publish = async (uri: string): Promise<void> => {
    const document = documents.get(uri)
    if (!document) return
    const checked = document.version
    const runbook = await openRunbookAt(fileURLToPath(uri), document.getText(), io)
    const diagnostics = runbook ? await findingsOf(runbook, io) : []
    // Changed or closed meanwhile: the next check tells.
    if (documents.get(uri)?.version !== checked) return
    await connection.sendNotification(PublishDiagnosticsNotification.type, {
      uri,
      version: checked,
      diagnostics,
    })
  }

  /** A configuration that cannot be loaded is the editor's to show; anything else is a bug, and ends the server. */
  const tell = (error: unknown): void => {
    if (!(error instanceof ProblemError)) return ended.reject(error)
    const { message, hint = '' } = error.problem
    void connection.sendNotification(ShowMessageNotification.type, {
      type: MessageType.Error,
      message: `${message}. ${hint}`,
    })
  }

  const sourcesOf = async (document: TextDocument, path: string): Promise<Sources | undefined> => {
    const text = document.getText()
    const runbook = await openRunbookAt(path, text, io)
    if (!runbook) return undefined
    const { kinds } = runbook.config
    const { document: read } = await readEntry(runbook.entry, io.cwd, kinds)
    return { kinds: (await kinds.load()).all, inputs: read.meta.inputs, text }
  }

  /** The word at a position, and the words that fit there. */
  const wordsOf = async ({
    textDocument,
    position,
  }: TextDocumentPositionParams): Promise<{ word: string; range: Hover['range']; words: Word[] }> => {
    const document = documents.get(textDocument.uri)
    const none = { word: '', range: undefined, words: [] }
    if (!document) return none
    const text = document.getText()
    const { start, end } = wordAt(text, document.offsetAt(position))
    const cursor = cursorAt(text.slice(0, start), /\.mdx$/i.test(textDocument.uri))
    const sources = cursor && (await sourcesOf(document, fileURLToPath(textDocument.uri)))
    if (!sources) return none
    const words = wordsAt(cursor, sources)
    const isNew = ({ type, text: name }: Word): boolean =>
      type !== 'attribute' || cursor.at !== 'attribute' || !cursor.before.includes(name)
    return {
      word: text.slice(start, end),
      range: { start: document.positionAt(start), end: document.positionAt(end) },
      words: words.filter(isNew),
    }
  }

  connection.onRequest(InitializeRequest.type, () => ({
    capabilities,
    serverInfo: { name: 'runbook', version },
  }))
  connection.onNotification(DidOpenTextDocumentNotification.type, ({ textDocument }) => {
    const { uri, languageId, version: first, text } = textDocument
    if (!uri.startsWith('file:')) return
    documents.set(uri, TextDocument.create(uri, languageId, first, text))
    checkSoon(uri, 0)
  })
  connection.onNotification(DidChangeTextDocumentNotification.type, ({ textDocument, contentChanges }) => {
    const document = documents.get(textDocument.uri)
    if (!document) return
    TextDocument.update(document, contentChanges, textDocument.version)
    checkSoon(textDocument.uri, settleMs)
  })
  // Others may link to the saved one, or include it.
  connection.onNotification(DidSaveTextDocumentNotification.type, () => {
    for (const uri of documents.keys()) checkSoon(uri, 0)
  })
  connection.onNotification(DidCloseTextDocumentNotification.type, ({ textDocument: { uri } }) => {
    clearTimeout(waiting.get(uri))
    if (!documents.delete(uri)) return
    void connection.sendNotification(PublishDiagnosticsNotification.type, { uri, diagnostics: [] })
  })
  connection.onRequest(CompletionRequest.type, async (params) =>
    (await wordsOf(params)).words.map(({ type, text, documentation }): CompletionItem => ({
      label: text,
      kind: itemKinds[type],
      documentation: { kind: 'markdown', value: documentation },
    })),
  )
  connection.onRequest(HoverRequest.type, async (params): Promise<Hover | null> => {
    const { word, range, words } = await wordsOf(params)
    const value = words.find(({ text }) => text === word)?.documentation ?? ''
    return value === '' ? null : { contents: { kind: 'markdown', value }, ...(range && { range }) }
  })
  connection.onRequest(ShutdownRequest.type, () => {
    isShutDown = true
  })
  connection.onNotification(ExitNotification.type, () => ended.resolve(isShutDown))
  connection.onClose(() => ended.resolve(isShutDown))
  // An input that is at its end from the start closes nothing.
  input.once('end', () => ended.resolve(isShutDown))
  connection.listen()
  return ended.promise.finally(() => {
    for (const timer of waiting.values()) clearTimeout(timer)
    connection.dispose()
  })
}
