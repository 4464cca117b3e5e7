import type { Hex32 } from "@smimp/protocol";
import { useEffect, useState, type ReactNode } from "react";
import { useDates } from "../../app/dates.ts";
import { goTo } from "../../app/places.ts";
import { searchFor, useSearchedFor } from "../../app/searching.ts";
import { useMessages } from "../../messages/messages.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Select } from "../../ui/select.tsx";
import { faultText } from "../../ui/fault.ts";
import { Filters } from "./filters.tsx";
import { useFind, type Found } from "./find.ts";
import { HitList } from "./hit-list.tsx";
import { useIndexing } from "./indexing.ts";
import { NotUnderstood } from "./not-understood.tsx";
import { filterIn, forEngine, withFilter } from "./pieces.ts";
import classes from "./search.module.css";
import { SearchHelp } from "./search-help.tsx";

/** Hits of a page, and the most that are shown. */
const PAGE = 50;
const MOST = 500;

/** What is found, in the place of the list; the message that is open stands beside it. `query` is one that somebody came with. */
export function SearchView({ query: brought, message }: { readonly query: string; readonly message: Hex32 | null }): ReactNode {
  const { search, mailbox } = useMessages();
  const query = useSearchedFor();
  const { start } = useIndexing();
  const [order, setOrder] = useState<"newest" | "relevance">("newest");
  const [pages, setPages] = useState({ query, count: 1 });
  const limit = Math.min(MOST, PAGE * (pages.query === query ? pages.count : 1));
  const asked = forEngine(query, search);
  const found = useFind({ query: asked.query, order, limit });
  const isAsked = query.trim() !== "";

  useEffect(start, [start]);
  useEffect(() => {
    if (brought === "") return;
    searchFor(brought);
    goTo({ room: "search", query: "" }, { replace: true });
  }, [brought]);

  return (
    <div className={classes["search"]}>
      <h1 className="visually-hidden">{mailbox.rooms.search}</h1>
      <div className={classes["top"]}>
        <Filters query={query} onChange={searchFor} />
        <IndexState found={found} isAsked={isAsked} />
        {isAsked && found.result !== null && found.result.hits.length > 0 ? (
          <div className={classes["line"]}>
            <p className={classes["count"]} role="status">
              {search.count(found.result.hits.length, found.result.more)}
            </p>
            <Select
              label={search.order}
              hideLabel
              quiet
              value={order}
              options={[
                { value: "newest" as const, label: search.newest },
                { value: "relevance" as const, label: search.best },
              ]}
              onChange={setOrder}
            />
          </div>
        ) : null}
        {isAsked && found.result !== null ? <NotUnderstood what={found.result.notUnderstood} typed={asked.typed} query={query} /> : null}
      </div>
      {isAsked ? (
        <Hits
          isCurrent={found.request?.query === asked.query}
          found={found}
          query={query}
          message={message}
          onMore={limit < MOST ? () => setPages({ query, count: limit / PAGE + 1 }) : null}
        />
      ) : (
        <SearchHelp />
      )}
    </div>
  );
}

function Hits({
  isCurrent,
  found: { result, error },
  query,
  message,
  onMore,
}: {
  /** Whether it is what was asked for last. */
  readonly isCurrent: boolean;
  readonly found: Found;
  readonly query: string;
  readonly message: Hex32 | null;
  /** Null where no more are shown. */
  readonly onMore: (() => void) | null;
}): ReactNode {
  const messages = useMessages();
  const { search } = messages;
  if (error !== null && result === null) return <Banner tone="danger" icon="error" title={faultText(messages, error)} />;
  if (result === null) return null;
  const everywhere = filterIn(query, "in", search) === null;
  const none = result.pending > 0 ? search.noneYet : search.none;
  return (
    <div className={classes["hits"]} aria-busy={!isCurrent}>
      {result.hits.length === 0 ? (
        <Empty icon="search" title={none.title} text={none.text} />
      ) : (
        <HitList hits={result.hits} message={message} />
      )}
      <div className={classes["end"]}>
        {result.more && onMore !== null ? <Button onPress={onMore}>{search.more}</Button> : null}
        {everywhere && !result.more ? (
          <p className={classes["trash"]}>
            {search.trash}{" "}
            <Button kind="quiet" onPress={() => searchFor(withFilter(query, "in", "all", search))}>
              {search.everywhere}
            </Button>
          </p>
        ) : null}
      </div>
    </div>
  );
}

/** How far the index is, where it isn't up to date. */
function IndexState({ found: { result }, isAsked }: { readonly found: Found; readonly isAsked: boolean }): ReactNode {
  const { search } = useMessages();
  const { number } = useDates();
  const { progress, failed } = useIndexing();
  const texts = search.indexing;
  if (failed) return <Banner tone="danger" icon="error" title={texts.failed} />;
  if (progress !== null && progress.total > 0) {
    return (
      <>
        <Progress label={texts.label(number(progress.done), number(progress.total))} value={progress.done / progress.total} />
        {isAsked ? <p className={classes["behind"]}>{texts.incomplete}</p> : null}
      </>
    );
  }
  if (progress !== null && result === null) return <Progress label={texts.starting} value={null} />;
  if (result !== null && result.pending > 0) return <p className={classes["behind"]}>{texts.behind(number(result.pending))}</p>;
  return null;
}
