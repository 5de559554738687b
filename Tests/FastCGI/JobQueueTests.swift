import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite("The job queue")
    struct JobQueueTests {
        @Test("hands jobs out in the order they came, however many")
        func order() {
            let queue = JobQueue<Int>()
            var expected = 0
            var added = 0
            for round in 1...200 {
                for _ in 0..<round {
                    _ = queue.push(added)
                    added += 1
                }
                for _ in 0..<round / 2 {
                    #expect(queue.next()?.job == expected)
                    expected += 1
                }
            }
            while let (job, _) = queue.next() {
                #expect(job == expected)
                expected += 1
            }
            #expect(expected == added)
        }

        @Test("asks for one wake-up at a time, and for none while nobody rests")
        func wakeUps() {
            let queue = JobQueue<Int>()
            #expect(!queue.push(1))
            #expect(queue.next()?.wakeAnother == false)
            #expect(queue.next() == nil)
            #expect(queue.next() == nil)
            #expect(queue.resting == 2)
            #expect(queue.push(1))
            #expect(!queue.push(2))
            #expect(!queue.push(3))
            // A worker that comes from elsewhere leaves the wake-up to the one it will reach.
            queue.awake(byWakeUp: false)
            #expect(queue.next()?.wakeAnother == false)
            #expect(queue.next()?.job == 2)
            #expect(queue.next()?.job == 3)
            #expect(queue.next() == nil)
            #expect(!queue.push(4))
            queue.awake(byWakeUp: true)
            #expect(queue.push(5))
            #expect(queue.next()?.job == 4)
        }

        @Test("has a woken worker pass the wake-up on while jobs remain")
        func passedOn() {
            let queue = JobQueue<Int>()
            for _ in 0..<3 { #expect(queue.next() == nil) }
            #expect(queue.push(1))
            #expect(!queue.push(2))
            #expect(!queue.push(3))
            queue.awake(byWakeUp: true)
            #expect(queue.next()?.wakeAnother == true)
            queue.awake(byWakeUp: true)
            #expect(queue.next()?.wakeAnother == true)
            queue.awake(byWakeUp: true)
            #expect(queue.next()?.wakeAnother == false)
        }
    }
}
