// IndexedDB's requests as promises.

/** What a request gives. */
export async function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return await new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the browser's storage fails")));
  });
}

/** Resolves once a transaction is on the disk; rejects where nothing of it is. */
export async function completed(transaction: IDBTransaction): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => reject(transaction.error ?? new DOMException("nothing was stored", "AbortError"));
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", fail);
    transaction.addEventListener("error", fail);
  });
}

/** Opens a database; `prepare` makes what is in a new one. */
export async function openDatabase(name: string, version: number, prepare: (database: IDBDatabase) => void): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version);
  request.addEventListener("upgradeneeded", () => prepare(request.result));
  return await resultOf(request);
}

/** Deletes a database and all that is in it. */
export async function deleteDatabase(name: string): Promise<void> {
  await resultOf(indexedDB.deleteDatabase(name));
}
