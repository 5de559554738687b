import Storage

extension Fraud {
    /// What speaks against a code that is about to be made.
    struct CodeScore {
        let appID: Int64
        let referrerID: String
        /// Of the referee, and of the referrer, all that is known.
        let refereeID: String?
        let names: [String]
        let visitor: Visitor
        let rules: Rules
        let now: Timestamp

        func find(_ db: borrowing Database) throws -> Findings {
            var found: [Rule] = []
            for rule in Rule.allCases where rules[rule].isOn {
                if try fits(rule, db) { found.append(rule) }
            }
            return Findings(found, by: rules)
        }

        /// Of the codes before this one, one less than the threshold is enough.
        private func fits(_ rule: Rule, _ db: borrowing Database) throws -> Bool {
            let others = rules[rule].threshold - 1
            let begin = Timestamp(milliseconds: now.milliseconds - rule.span)
            switch rule {
            case .selfReferral:
                guard let refereeID else { return false }
                return names.contains { AppUser.isSame($0, refereeID) }
            case .codesFromAddress:
                guard !visitor.isServer, !visitor.address.isEmpty else { return false }
                return try Referrals.count(app: appID, address: visitor.address, since: begin, upTo: others, db)
                    >= others
            case .codesFromDevice:
                guard !visitor.isServer else { return false }
                return try Referrals.count(app: appID, device: visitor.device, since: begin, upTo: others, db) >= others
            case .codesByReferrer:
                return try Referrals.count(app: appID, referrer: referrerID, since: begin, upTo: others, db) >= others
            case .regularIntervals:
                let times = try Referrals.times(app: appID, referrer: referrerID, since: begin, limit: mostTimes, db)
                return times.count >= others && isRegular(times + [now.milliseconds])
            case .conversionsOfReferrer, .conversionAfterClick, .referrersAddress:
                return false
            }
        }
    }

    /// What speaks against a conversion that is about to be noted.
    struct ConversionScore {
        let referral: Referral
        /// Empty: not known.
        let refereeID: String
        let visitor: Visitor
        let rules: Rules
        let now: Timestamp

        func find(_ db: borrowing Database) throws -> Findings {
            var found: [Rule] = []
            for rule in Rule.allCases where rules[rule].isOn {
                if try fits(rule, db) { found.append(rule) }
            }
            return Findings(found, by: rules)
        }

        private func fits(_ rule: Rule, _ db: borrowing Database) throws -> Bool {
            let others = rules[rule].threshold - 1
            let begin = Timestamp(milliseconds: now.milliseconds - rule.span)
            let (app, referrer) = (referral.appID, referral.referrerID)
            switch rule {
            case .selfReferral:
                return referral.isReferrer(refereeID)
            case .conversionsOfReferrer:
                return try Conversions.count(app: app, referrer: referrer, since: begin, upTo: others, db) >= others
            case .regularIntervals:
                let times = try Conversions.times(app: app, referrer: referrer, since: begin, limit: mostTimes, db)
                return times.count >= others && isRegular(times + [now.milliseconds])
            case .conversionAfterClick:
                let click = try ReferralClicks.last(
                    of: referral.id,
                    refereeID: refereeID,
                    address: visitor.address,
                    since: now.adding(seconds: -rules[rule].threshold),
                    db
                )
                return click != nil
            case .referrersAddress:
                return !visitor.isServer && !visitor.address.isEmpty && visitor.address == referral.address
            case .codesFromAddress, .codesByReferrer, .codesFromDevice:
                return false
            }
        }
    }

    /// The newest so many tell whether a program is at work.
    static let mostTimes: Int64 = 1000
}
