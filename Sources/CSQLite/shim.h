#include <sqlite3.h>
#include <stddef.h>

// Variadic in C, so out of Swift's reach. A value of -1 changes nothing; `now` gets what is in force.
static inline int purser_sqlite_db_config(sqlite3 *db, int option, int value, int *now) {
    return sqlite3_db_config(db, option, value, now);
}

// SQLITE_TRANSIENT is a cast of -1 to a function pointer, which Swift does not import. A null pointer would bind
// NULL, so the empty text and the empty blob get an address.
static inline int purser_sqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, size_t count) {
    return sqlite3_bind_text64(statement, index, bytes ? (const char *)bytes : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int purser_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, size_t count) {
    return sqlite3_bind_blob64(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

// SQLite counts its memory under one mutex that all threads share, once per allocation; nobody reads the count.
// To be called before any connection is opened; variadic in C.
static inline int purser_sqlite_stop_counting_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
