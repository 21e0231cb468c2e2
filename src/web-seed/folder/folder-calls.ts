/** What the process that reads a folder is asked for; `file` is the number by which whoever opens a file calls it. */
export type FolderCall =
  | {
      readonly kind: 'open'
      readonly file: number
      readonly path: string
      readonly name: string
      readonly isSingleFile: boolean
      readonly elements: readonly string[]
    }
  | { readonly kind: 'read'; readonly file: number; readonly offsetBytes: number; readonly lengthBytes: number }
  | { readonly kind: 'close'; readonly file: number }
  /** Is anything there? */
  | { readonly kind: 'look'; readonly path: string }

/** What it says to a call. */
export type FolderAnswer =
  | { readonly kind: 'opened'; readonly path: string; readonly fileBytes: number; readonly stamp: string }
  /** Nothing was opened: it is no file, or links lead out of the folder to it. */
  | { readonly kind: 'not-a-file' | 'outside'; readonly path: string }
  /** What is there from the place on that was named; empty at the end of the file. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'closed' | 'found' }
  /** An error of the system by its code, such as ENOENT. */
  | { readonly kind: 'failed'; readonly path: string; readonly code: string }

/** A call or an answer on its way between the processes; an answer has the number of its call. */
export type Numbered<Message> = Message & { readonly number: number }
