// What SQLite itself takes: one thread, one connection, no HTTP, the same inserts and roll-ups per
// event as Purser's events endpoint, committed in batches.
//
//   cc -O2 -o sqlite_loop sqlite_loop.c -lsqlite3
//   sqlite_loop DATABASE STATEMENTS SECONDS BATCH
//
// STATEMENTS is an SQL file of three sections, each begun by a line of its own:
//   -- @setup   run once: pragmas, tables, rows that must be there
//   -- @event   run for every event
//   -- @batch   run once per batch, before its commit
// Statements take what they need of :id :account :meter :backend :quantity :cost :at :day
// :batch_quantity :batch_cost, so that a change of schema is a change of that file alone.
// Prints one JSON line: {"events":…,"seconds":…}.

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { statements_max = 16 };

typedef struct {
    sqlite3_stmt *steps[statements_max];
    int count;
} Section;

typedef struct {
    char id[48];
    const char *backend;
    sqlite3_int64 account, quantity, cost, at, day, batch_quantity, batch_cost;
} Event;

static sqlite3 *database;

static void fail(const char *what)
{
    fprintf(stderr, "sqlite_loop: %s: %s\n", what, database ? sqlite3_errmsg(database) : "no database");
    exit(1);
}

static double seconds_now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static char *contents(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        fail(path);
    long size = ftell(file);
    char *text = calloc((size_t)size + 1, 1);
    rewind(file);
    if (text == NULL || fread(text, 1, (size_t)size, file) != (size_t)size)
        fail(path);
    fclose(file);
    return text;
}

// Cuts the text at the section's heading, so that the section before ends there.
static char *section(char *text, const char *heading)
{
    char *start = strstr(text, heading);
    if (start == NULL)
        fail(heading);
    *start = '\0';
    return start + strlen(heading);
}

static void execute(const char *sql)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sql);
}

static Section prepare(const char *sql)
{
    Section section = {.count = 0};
    while (*sql != '\0') {
        sqlite3_stmt *statement;
        if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, &sql) != SQLITE_OK)
            fail(sql);
        if (statement == NULL)
            continue; // white space or a comment
        if (section.count == statements_max)
            fail("too many statements");
        section.steps[section.count++] = statement;
    }
    return section;
}

static void bind_number(sqlite3_stmt *statement, const char *name, sqlite3_int64 value)
{
    int index = sqlite3_bind_parameter_index(statement, name);
    if (index != 0)
        sqlite3_bind_int64(statement, index, value);
}

static void bind_text(sqlite3_stmt *statement, const char *name, const char *value)
{
    int index = sqlite3_bind_parameter_index(statement, name);
    if (index != 0)
        sqlite3_bind_text(statement, index, value, -1, SQLITE_STATIC);
}

static void perform(const Section *section, const Event *event)
{
    for (int i = 0; i < section->count; i++) {
        sqlite3_stmt *statement = section->steps[i];
        bind_text(statement, ":id", event->id);
        bind_number(statement, ":account", event->account);
        bind_text(statement, ":meter", "shots");
        bind_text(statement, ":backend", event->backend);
        bind_number(statement, ":quantity", event->quantity);
        bind_number(statement, ":cost", event->cost);
        bind_number(statement, ":at", event->at);
        bind_number(statement, ":day", event->day);
        bind_number(statement, ":batch_quantity", event->batch_quantity);
        bind_number(statement, ":batch_cost", event->batch_cost);
        int result;
        while ((result = sqlite3_step(statement)) == SQLITE_ROW)
            ;
        if (result != SQLITE_DONE)
            fail(sqlite3_sql(statement));
        sqlite3_reset(statement);
    }
}

// One batch in one transaction: what Purser does with one body of events.
static void commit_batch(const Section *each, const Section *batch, long size, unsigned run_id, long *serial)
{
    Event event = {.account = 1, .quantity = 1, .cost = 1000, .backend = "simulator"};
    event.at = (sqlite3_int64)(seconds_now(CLOCK_REALTIME) * 1000);
    event.day = event.at / 86400000;
    execute("BEGIN IMMEDIATE");
    for (long i = 0; i < size; i++) {
        // As in events.lua: ids arrive in no order, as the UUIDs of real clients do, and none twice.
        snprintf(event.id, sizeof event.id, "%08lx-%08x-0-%09ld", mrand48() & 0xffffffff, run_id, (*serial)++);
        perform(each, &event);
        event.batch_quantity += event.quantity;
        event.batch_cost += event.cost;
    }
    perform(batch, &event);
    execute("COMMIT");
}

int main(int count, char **arguments)
{
    if (count != 5) {
        fprintf(stderr, "usage: sqlite_loop DATABASE STATEMENTS SECONDS BATCH\n");
        return 2;
    }
    char *setup = section(contents(arguments[2]), "-- @setup\n");
    char *event_sql = section(setup, "-- @event\n");
    char *batch_sql = section(event_sql, "-- @batch\n");
    if (sqlite3_open(arguments[1], &database) != SQLITE_OK)
        fail(arguments[1]);
    execute(setup);
    Section each = prepare(event_sql), batch = prepare(batch_sql);

    double seconds = atof(arguments[3]), start = seconds_now(CLOCK_MONOTONIC), now = start;
    long size = atol(arguments[4]), serial = 0;
    unsigned run_id = (unsigned)(long)(seconds_now(CLOCK_REALTIME) * 1000); // the same file is used again
    srand48(run_id);
    while ((now = seconds_now(CLOCK_MONOTONIC)) - start < seconds)
        commit_batch(&each, &batch, size, run_id, &serial);
    printf("{\"events\":%ld,\"seconds\":%.6f}\n", serial, now - start);
    for (int i = 0; i < each.count; i++)
        sqlite3_finalize(each.steps[i]);
    for (int i = 0; i < batch.count; i++)
        sqlite3_finalize(batch.steps[i]);
    return sqlite3_close(database) == SQLITE_OK ? 0 : 1;
}
