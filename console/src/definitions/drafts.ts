// Texts that were written and not saved, kept in this browser until they are.

export interface Draft {
  /** User, kind and id of the definition. */
  key: string;
  text: string;
  /** The saved text that it started from. */
  base: string;
  at: number;
}

const STORE = "drafts";

/** The oldest go when there are more. */
const MOST_DRAFTS = 200;

let database: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("berth", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" }).createIndex("at", "at");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage is closed"));
  });
  return database;
}

const ended = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage failed"));
  });

/** Do something with the drafts; none where the browser keeps nothing. */
async function using<Result>(mode: IDBTransactionMode, run: (drafts: IDBObjectStore) => Promise<Result>): Promise<Result | undefined> {
  try {
    return await run((await open()).transaction(STORE, mode).objectStore(STORE));
  } catch {
    return undefined;
  }
}

export const readDraft = (key: string): Promise<Draft | undefined> =>
  using("readonly", (drafts) => ended(drafts.get(key) as IDBRequest<Draft | undefined>));

/** Keep a draft; return whether the browser did. */
export async function keepDraft(draft: Draft): Promise<boolean> {
  const kept = await using("readwrite", async (drafts) => {
    await ended(drafts.put(draft));
    if ((await ended(drafts.count())) > MOST_DRAFTS) {
      const oldest = await ended(drafts.index("at").openKeyCursor());
      if (oldest) await ended(drafts.delete(oldest.primaryKey));
    }
    return true;
  });
  return kept ?? false;
}

export const dropDraft = (key: string): Promise<unknown> => using("readwrite", (drafts) => ended(drafts.delete(key)));
