#include <sqlite3.h>

// Variadic in C, so out of Swift's reach.
static inline int purser_sqlite_db_config(sqlite3 *db, int option, int value) {
    return sqlite3_db_config(db, option, value, (int *)0);
}
