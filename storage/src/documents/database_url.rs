//! A database of its own on the server that a test's URL names.

/// The URL of a database there. Whoever logs in is looked up where the server's own URL says, and that
/// is the database `admin` where it says nothing: not in the new one, which has no users.
#[must_use]
pub fn database_url(server: &str, name: &str) -> String {
    let (place, options) = server.split_once('?').unwrap_or((server, ""));
    let (scheme, place) = place.split_once("://").unwrap_or(("mongodb", place));
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    let mut options: Vec<String> =
        options.split('&').filter(|option| !option.is_empty()).map(str::to_owned).collect();
    let says_where = |option: &String| option.to_lowercase().starts_with("authsource=");
    if hosts.contains('@') && !options.iter().any(says_where) {
        let users = if database.is_empty() { "admin" } else { database };
        options.push(format!("authSource={users}"));
    }
    let sign = if options.is_empty() { "" } else { "?" };
    format!("{scheme}://{hosts}/{name}{sign}{}", options.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_stands_before_the_options_and_a_user_is_looked_up_where_there_are_users() {
        for (server, url) in [
            ("mongodb://h:1", "mongodb://h:1/d"),
            ("mongodb://h:1/", "mongodb://h:1/d"),
            ("mongodb://h?tls=true&replicaSet=r", "mongodb://h/d?tls=true&replicaSet=r"),
            ("mongodb://h,i:2/?tls=true", "mongodb://h,i:2/d?tls=true"),
            ("mongodb://u:p@h", "mongodb://u:p@h/d?authSource=admin"),
            ("mongodb://u:p@h/?tls=true", "mongodb://u:p@h/d?tls=true&authSource=admin"),
            ("mongodb://u:p@h/staff", "mongodb://u:p@h/d?authSource=staff"),
            ("mongodb://u:p@h/x?authsource=y&w=1", "mongodb://u:p@h/d?authsource=y&w=1"),
            ("mongodb+srv://u:p@h/?", "mongodb+srv://u:p@h/d?authSource=admin"),
        ] {
            assert_eq!(database_url(server, "d"), url, "{server}");
        }
    }
}
